-- Comes between the prelude and every script of the queue. A partition's queue is, after its prefix `ns:q:{tag}:`
--   's'  the order of its writes: a stream of pointers, whose ids are the ids of the writes (`<id>-0`): key, function, length of the payload
--   'b'  the writes by id (hash): version, attempts, length of drops, drops, then what never changes; and in the field 'n' the last number that was given
--   'l'  who flushes it (hash): 'h' and 'u' the holder and until when, 'e' the epoch; 'b', 'be', 'bf', 'bw' number, epoch, function and writes of the batch
--   't'  the tokens of accepted writes (sorted set), scored with twice the version, plus one for those that took the place of another
--   'd'  the dead letters by id (hash): when it died, halted, superseded, length of the error, error, then the write
--   'k'  the ids of the dead letters by key (hash), each with a comma behind it
--   'h'  the keys that are halted (set)
--   'e'  the entries of writes that show nothing now: a later one of their key does, or they are dead (hash)
-- The pointer of a halted dead letter stays in the stream, and keeps its place: it is a pointer to no write.
--
-- What is pending for a key is the hash 'p:' .. key among the control keys:
--   'v'  the version that is shown           'f'  the latest version that was flushed
--   'i'  the id of its last write, or empty  'n'  the function of that
--   'y'  the id that is shown                's'  how: kind (v, a, d), variant, ttl in ms (or -), template
--   'd'  1 if the last write drops something 'x'  it is halted
--   'q'  the key was dropped meanwhile, or a write to it is open: what is shown doesn't stay
-- and the sorted set 'o:' .. key has the ids of its earlier writes. Nothing of all this carries a ttl, so volatile eviction can't take it.
-- What is told in nobody's name is heard by everybody.
local NOBODY = string.rep('0', 16)

local function digits(number)
  return string.format('%.0f', number)
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
  local kind, variant, ttl, key, func, template, start = string.match(text, '^(%a)(%x+) (%S+) (%d+) (%d+) (%d+) ()', rest)
  local middle = start + tonumber(key)
  local stop = middle + tonumber(func)
  return {
    version = version, attempts = tonumber(attempts), drops = string.sub(text, at, rest - 1), rest = string.sub(text, rest),
    kind = kind, variant = variant, ttl = ttl, key = string.sub(text, start, middle - 1), func = string.sub(text, middle, stop - 1),
    template = string.sub(text, stop, stop + tonumber(template) - 1), bytes = #text - stop - tonumber(template) + 1,
  }
end

-- How a key shows its latest write: kind, variant, ttl and template.
local function shown_how(how)
  return string.match(how, '^(%a)(%x+) (%S+) (.*)$')
end

-- Puts a write at the end of the line.
local function append(queue, id, key, func, bytes, body)
  redis.call('XADD', queue .. 's', id .. '-0', 'k', key, 'f', func, 'b', bytes)
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

-- Takes an id from those of a key; `pending` is what is known of it: i and y.
local function remove_id(queue, control, key, pending, id)
  if pending.i ~= id then
    redis.call('ZREM', control .. 'o:' .. key, id)
    return
  end
  local earlier = redis.call('ZPOPMAX', control .. 'o:' .. key)[1]
  pending.i = earlier or ''
  redis.call('HSET', control .. 'p:' .. key, 'i', pending.i)
  if earlier then
    local write = unpacked(redis.call('HGET', queue .. 'b', earlier))
    redis.call('HSET', control .. 'p:' .. key, 'n', write.func, 'd', write.drops == '' and '0' or '1')
  end
end

local function pending_of(control, key)
  local known = redis.call('HMGET', control .. 'p:' .. key, 'v', 'f', 'i', 'y', 's', 'x', 'q')
  if not known[1] then return nil end
  return {v = known[1], f = tonumber(known[2] or 0), i = known[3], y = known[4], s = known[5], x = known[6], q = known[7]}
end

-- Lets readers get the latest write of a key, whose id is among those of the key. Answers what the caller doesn't know of the variants.
local function show(holds, control, data, variants, key, kind, variant, template, known, entry)
  local found = writes(holds, 'k' .. key, '')
  if found.open > 0 then
    overlap(found, 2)
    redis.call('HSET', control .. 'p:' .. key, 'q', 1)
  else
    redis.call('HDEL', control .. 'p:' .. key, 'q')
  end
  local listed = redis.call('HGET', variants, 't' .. template) or ''
  local all = listed
  for other in string.gmatch(known, '%x%x%x%x') do
    if not string.find(all, other, 1, true) then all = all .. other .. ',' end
  end
  if kind == 'v' and not string.find(all, variant, 1, true) then all = all .. variant .. ',' end
  if all ~= listed then redis.call('HSET', variants, 't' .. template, all) end
  local over = {control .. 'k:' .. key}
  for other in string.gmatch(all, '%x%x%x%x') do
    if kind ~= 'v' or other ~= variant then over[#over + 1] = data .. key .. '#' .. other end
  end
  redis.call('DEL', unpack(over))
  if kind == 'v' and entry then redis.call('SET', data .. key .. '#' .. variant, entry) end
  if all ~= known then return {template, all} end
  return {}
end

-- Nothing is pending for the key any more. What was shown stays if the database has it.
local function unshow(holds, control, data, key, pending, stays)
  local kind, variant, ttl = shown_how(pending.s)
  stays = stays and not pending.q
  redis.call('DEL', control .. 'p:' .. key, control .. 'o:' .. key)
  local name = data .. key .. '#' .. variant
  if stays and kind == 'v' and ttl ~= '0' and not held(holds, 'k' .. key) then
    local there = ttl == '-' and redis.call('EXISTS', name) or ttl ~= '-' and redis.call('PEXPIRE', name, ttl)
    if there == 1 then redis.call('SETRANGE', name, 3, '\1') end
    return
  end
  redis.call('DEL', name)
  if not stays then tell(holds, NOBODY, {note('k', key)}) end
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

-- The dead letters of a key up to this version are older than what the database has; deltas never are.
local function supersede(queue, key, version)
  local ids = redis.call('HGET', queue .. 'k', key)
  for id in string.gmatch(ids or '', '%d+') do
    local dead = dead_unpacked(redis.call('HGET', queue .. 'd', id))
    local write = unpacked(dead.body)
    if (not version or tonumber(write.version) <= version) and write.kind ~= 'd' and dead.halted + dead.superseded == 0 then
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

-- A key whose halted dead letters are all gone accepts writes again.
local function unhalt(queue, control, key)
  for id in string.gmatch(redis.call('HGET', queue .. 'k', key) or '', '%d+') do
    if dead_unpacked(redis.call('HGET', queue .. 'd', id)).halted == 1 then return false end
  end
  redis.call('HDEL', control .. 'p:' .. key, 'x')
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
    redis.call('HSET', control .. 'p:' .. key, 'x', 1)
    redis.call('SADD', queue .. 'h', key)
  elseif pending.i == '' and not pending.x then
    unshow(holds, control, data, key, pending, false)
  end
end

-- Forgets some of the tokens that are older than two minutes.
local function forget_tokens(queue, most)
  local before = digits((micros - 120000000) * 2)
  local over = redis.call('ZRANGEBYSCORE', queue .. 't', '-inf', before, 'LIMIT', 0, most)
  if #over > 0 then redis.call('ZREM', queue .. 't', unpack(over)) end
end

-- Whether a claim is held still: nobody else has it, and it wasn't given back.
local function is_held(queue, epoch)
  local line = redis.call('HMGET', queue .. 'l', 'e', 'h')
  return line[1] == epoch and line[2]
end
