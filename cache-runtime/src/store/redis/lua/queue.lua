-- Comes between the prelude and every script of the queue. A partition's queue is, after its prefix `ns:q:{tag}:`
--   's'  the order of its writes: a stream of pointers, whose ids are the ids of the writes (`<id>-0`): length of the payload, of the function, function, key
--   'b'  the writes by id (hash): version, attempts, length of drops, drops, then what never changes: how it is shown (kind; 1 if it is whole: it replaces what was
--        written before it; variant), ttl, lengths of key, function and template, these three, payload; and in the field 'n' the last number that was given
--   'l'  who flushes it (hash): 'h' and 'u' the holder and until when, 'e' the epoch; 'b', 'be', 'bf', 'bw' number, epoch, function and writes of the batch
--   't'  the tokens of accepted writes (sorted set), scored with twice the version, plus one for those that took the place of another
--   'd'  the dead letters by id (hash): when it died, halted, superseded, length of the error, error, then the write
--   'k'  the ids of the dead letters by key (hash), each with a comma behind it
--   'h'  the keys that are halted (set)
--   'e'  the entries of writes that show nothing now: a later one of their key does, or they are dead (hash)
-- The pointer of a halted dead letter stays in the stream, and keeps its place: it is a pointer to no write.
--
-- What is pending for a key is the text 'p:' .. key among the control keys. It begins with three digits, which are 1 if
--   it is halted; the key was dropped meanwhile, or a write to it is open: what is shown doesn't stay; its last write drops something
-- and goes on with the version that is shown, the latest version that was flushed (0 if none was), the id of its last write (or nothing), the id that is shown,
-- the length of the function of its last write, that function (both of nothing, unless that write is whole), and how it is shown: kind (v, a, d), variant, ttl in ms (or -), template;
-- and the sorted set 'o:' .. key has the ids of its earlier writes. Nothing of all this carries a ttl, so volatile eviction can't take it.
-- What is told in nobody's name is heard by everybody.
local NOBODY = string.rep('0', 16)

local function digits(number)
  return string.format('%d', number)
end

-- The next id, version or number: microseconds, unless that many were given already.
local function after(last)
  return digits(math.max(micros, (last or 0) + 1))
end

local function next_number(queue)
  local number = after(redis.call('HGET', queue .. 'b', 'n'))
  redis.call('HSET', queue .. 'b', 'n', number)
  return number
end

-- A write as it is kept.
local function packed(version, attempts, drops, rest)
  return version .. ' ' .. attempts .. ' ' .. #drops .. ' ' .. drops .. rest
end

local function unpacked(text)
  local version, attempts, length, at = string.match(text, '^(%d+) (%d+) (%d+) ()')
  local rest = at + tonumber(length)
  local kind, whole, variant, ttl, key, func, template, start = string.match(text, '^(%a)(%d)(%x+) (%S+) (%d+) (%d+) (%d+) ()', rest)
  local middle = start + tonumber(key)
  local stop = middle + tonumber(func)
  return {
    version = version, attempts = tonumber(attempts), drops = string.sub(text, at, rest - 1), rest = string.sub(text, rest),
    kind = kind, whole = whole == '1', variant = variant, ttl = ttl, key = string.sub(text, start, middle - 1), func = string.sub(text, middle, stop - 1),
    template = string.sub(text, stop, stop + tonumber(template) - 1), bytes = #text - stop - tonumber(template) + 1,
  }
end

-- The version of a write as it is kept, its key, and whether it is whole.
local function version_and_key(text)
  local version, drops, at = string.match(text, '^(%d+) %d+ (%d+) ()')
  local whole, length, start = string.match(text, '^%a(%d)%x+ %S+ (%d+) %d+ %d+ ()', at + drops)
  return version, string.sub(text, start, start + length - 1), whole == '1'
end

-- How a key shows its latest write: kind, variant, ttl and template.
local function shown_how(how)
  return string.match(how, '^(%a)(%x+) (%S+) (.*)$')
end

-- Puts a write at the end of the line.
local function append(queue, id, key, func, bytes, body)
  redis.call('XADD', queue .. 's', id .. '-0', 'w', bytes .. ' ' .. #func .. ' ' .. func .. key)
  redis.call('HSET', queue .. 'b', 'n', id, id, body)
end

-- The ids of a key's writes, oldest first.
local function ids_of(control, key, last)
  if last == '' then return {} end
  local ids = redis.call('ZRANGE', control .. 'o:' .. key, 0, -1)
  ids[#ids + 1] = last
  return ids
end

-- What empties the queue makes room: after any write a script may write on, however full Redis is.
local function may_write(queue)
  redis.call('HDEL', queue .. 'l', '-')
end

local function pending_of(control, key)
  local text = redis.call('GET', control .. 'p:' .. key)
  if not text then return nil end
  local x, q, d, v, f, i, y, length, at = string.match(text, '^(%d)(%d)(%d) (%d+) (%d+) (%d*) (%d+) (%d+) ()')
  local from = at + length
  return {
    x = x == '1', q = q == '1', d = d, v = v, f = tonumber(f), i = i, y = y,
    n = string.sub(text, at, from - 1), s = string.sub(text, from),
  }
end

-- Keeps what is pending for a key.
local function keep(control, key, pending)
  local flags = (pending.x and '1' or '0') .. (pending.q and '1' or '0') .. pending.d
  local words = {flags, pending.v, digits(pending.f), pending.i, pending.y, #pending.n, pending.n .. pending.s}
  redis.call('SET', control .. 'p:' .. key, table.concat(words, ' '))
end

-- Makes a write the last one of its key.
local function make_last(pending, id, write)
  pending.i, pending.n, pending.d = id, write.whole and write.func or '', write.drops == '' and '0' or '1'
end

-- Takes an id from those of a key. Who asks for it keeps what is pending then.
local function remove_id(queue, control, key, pending, id)
  if pending.i ~= id then
    redis.call('ZREM', control .. 'o:' .. key, id)
    return
  end
  local earlier = redis.call('ZPOPMAX', control .. 'o:' .. key)[1]
  if earlier then
    make_last(pending, earlier, unpacked(redis.call('HGET', queue .. 'b', earlier)))
  else
    pending.i = ''
  end
end

-- Lets readers get the latest write of a key.
local function show(holds, control, data, variants, key, pending, entry)
  local kind, variant, _, template = shown_how(pending.s)
  local found = writes(holds, 'k' .. key, '')
  pending.q = found.open > 0
  if pending.q then overlap(found, 2) end
  local listed = redis.call('HGET', variants, 't' .. template) or ''
  local all = listed
  if kind == 'v' and not string.find(all, variant, 1, true) then all = all .. variant .. ',' end
  if all ~= listed then redis.call('HSET', variants, 't' .. template, all) end
  local over = {control .. 'k:' .. key}
  for other in string.gmatch(all, '%x%x%x%x') do
    if kind ~= 'v' or other ~= variant then over[#over + 1] = data .. key .. '#' .. other end
  end
  redis.call('DEL', unpack(over))
  if kind == 'v' and entry then redis.call('SET', data .. key .. '#' .. variant, entry) end
end

-- The database has what an entry shows: it is one like others now, with this ttl in milliseconds (or -).
local function stay(name, ttl)
  if ttl == '0' then return redis.call('DEL', name) end
  local there = ttl == '-' and redis.call('EXISTS', name) or ttl ~= '-' and redis.call('PEXPIRE', name, ttl)
  if there == 1 then redis.call('SETRANGE', name, 3, '\1') end
end

-- Nothing is pending for the key any more. What was shown stays if the database has it.
local function unshow(holds, control, data, key, pending, stays)
  local kind, variant, ttl = shown_how(pending.s)
  stays = stays and not pending.q
  redis.call('DEL', control .. 'p:' .. key)
  local name = data .. key .. '#' .. variant
  if stays and kind == 'v' and not held(holds, 'k' .. key) then
    stay(name, ttl)
  else
    redis.call('DEL', name)
    if not stays then tell(holds, NOBODY, {note('k', key)}) end
  end
end

local function dead_packed(dead)
  return dead.died .. ' ' .. dead.halted .. ' ' .. dead.superseded .. ' ' .. #dead.error .. ' ' .. dead.error .. dead.body
end

local function dead_unpacked(text)
  local died, halted, superseded, length, at = string.match(text, '^(%d+) (%d) (%d) (%d+) ()')
  local body = at + tonumber(length)
  return {
    died = died, halted = tonumber(halted), superseded = tonumber(superseded),
    error = string.sub(text, at, body - 1), body = string.sub(text, body),
  }
end

-- The database has a whole value of the key. The dead letters up to this version that are whole, too, are older than that; events and deltas never are.
local function supersede(queue, key, version)
  local ids = redis.call('HGET', queue .. 'k', key)
  for id in string.gmatch(ids or '', '%d+') do
    local dead = dead_unpacked(redis.call('HGET', queue .. 'd', id))
    local write = unpacked(dead.body)
    if (not version or tonumber(write.version) <= version) and write.whole and dead.halted + dead.superseded == 0 then
      dead.superseded = 1
      redis.call('HSET', queue .. 'd', id, dead_packed(dead))
    end
  end
end

-- Forgets that a dead letter is one of a key's.
local function unlist(queue, key, id)
  local ids = string.gsub(',' .. redis.call('HGET', queue .. 'k', key), ',' .. id .. ',', ',', 1)
  if ids == ',' then
    redis.call('HDEL', queue .. 'k', key)
  else
    redis.call('HSET', queue .. 'k', key, string.sub(ids, 2))
  end
  redis.call('HDEL', queue .. 'd', id)
end

-- A key whose halted dead letters are all gone accepts writes again. Who asks for it keeps what is pending then.
local function unhalt(queue, key, pending)
  for id in string.gmatch(redis.call('HGET', queue .. 'k', key) or '', '%d+') do
    if dead_unpacked(redis.call('HGET', queue .. 'd', id)).halted == 1 then return false end
  end
  if pending then pending.x = false end
  redis.call('SREM', queue .. 'h', key)
  return true
end

-- A write becomes a dead letter.
local function bury(holds, queue, control, data, id, body, write, reason, halt)
  local key = write.key
  local dead = {died = digits(micros), halted = halt and 1 or 0, superseded = 0, error = reason, body = body}
  redis.call('HSET', queue .. 'd', id, dead_packed(dead))
  redis.call('HSET', queue .. 'k', key, (redis.call('HGET', queue .. 'k', key) or '') .. id .. ',')
  redis.call('HDEL', queue .. 'b', id)
  if not halt then redis.call('XDEL', queue .. 's', id .. '-0') end
  local pending = pending_of(control, key)
  if not pending then return end
  if not halt and pending.y == id and write.kind == 'v' then
    local entry = redis.call('GET', data .. key .. '#' .. write.variant)
    if entry then redis.call('HSET', queue .. 'e', id, entry) end
  end
  remove_id(queue, control, key, pending, id)
  if halt then
    pending.x = true
    redis.call('SADD', queue .. 'h', key)
  elseif pending.i == '' and not pending.x then
    return unshow(holds, control, data, key, pending, false)
  end
  keep(control, key, pending)
end

-- Forgets some of the tokens that are older than two minutes.
local function forget_tokens(queue, most)
  local before = digits((micros - 120000000) * 2)
  local over = redis.call('ZRANGEBYSCORE', queue .. 't', '-inf', before, 'LIMIT', 0, most)
  if #over > 0 then redis.call('ZREM', queue .. 't', unpack(over)) end
end
