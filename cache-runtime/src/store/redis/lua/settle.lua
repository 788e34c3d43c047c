-- Says what became of writes that were taken.
-- KEYS: holds, writes
-- ARGV: epoch of the claim, 1 if that is all of the batch, its number (or empty: the batch stays as it is), prefixes of control and data keys, id and version of each that
-- is done, then what (f failed, x dead, h dead and halted), id, version and error of each other
-- answers 1, or 0 if the claim was lost
local call, control, data, queue = redis.call, ARGV[4], ARGV[5], string.sub(KEYS[2], 1, -2)
local line = queue .. 'l'
local known = call('HMGET', line, 'e', 'h', 'b')
if known[1] ~= ARGV[1] or not known[2] then return 0 end
if ARGV[3] ~= '' and known[3] ~= ARGV[3] then return 1 end
may_write(queue)
if ARGV[2] == '1' and ARGV[3] ~= '' then call('HDEL', line, 'b', 'be', 'bf', 'bw') end

-- The database has a write of the key, in whose place is another now. That stays, and goes to the end unless it would be overtaken there.
local function moved(id, key, pending, body)
  if pending.i ~= id then return end
  local write, place = unpacked(body), next_number(queue)
  call('XDEL', queue .. 's', id .. '-0')
  call('HDEL', KEYS[2], id)
  append(queue, place, key, write.func, write.bytes, body)
  pending.i = place
  if pending.y == id then
    pending.y = place
    return
  end
  local entry = call('HGET', queue .. 'e', id)
  if entry then
    call('HDEL', queue .. 'e', id)
    call('HSET', queue .. 'e', place, entry)
  end
end

-- A write of the key is in the database.
local function flushed(id, version, key, body, same)
  local pending = pending_of(control, key)
  if not pending then return end
  if same then
    if pending.y ~= id then call('HDEL', queue .. 'e', id) end
    if pending.i == id and not pending.x and call('EXISTS', control .. 'o:' .. key) == 0 then
      return unshow(KEYS[1], control, data, key, pending, pending.v == digits(math.max(pending.f, tonumber(version))))
    end
    remove_id(queue, control, key, pending, id)
  else
    moved(id, key, pending, body)
  end
  pending.f = math.max(pending.f, tonumber(version))
  keep(control, key, pending)
end

-- Most writes are the only ones of their keys, and what they show is what the database has: these end without a question for each. Answers whether one does;
-- `over` gets what is to be deleted then.
local function simple(text, id, version, key, over)
  local shown_version, last, length, at = string.match(text, '^00%d (%d+) %d+ (%d+) %d+ (%d+) ()')
  if shown_version ~= version or last ~= id or redis.call('EXISTS', control .. 'o:' .. key) == 1 then return false end
  local kind, variant, ttl = shown_how(string.sub(text, at + length))
  over[#over + 1] = control .. 'p:' .. key
  local name = data .. key .. '#' .. variant
  if kind == 'v' and not held(KEYS[1], 'k' .. key) then
    stay(name, ttl)
  else
    over[#over + 1] = name
  end
  return true
end

local ids, versions = {}, {}
for id, version in string.gmatch(ARGV[6], '(%d+) (%d+)') do
  ids[#ids + 1], versions[#versions + 1] = id, version
end
if #ids > 0 then
  local bodies, any_dead = call('HMGET', KEYS[2], unpack(ids)), call('EXISTS', queue .. 'k') == 1
  local there, keys, current, names, whole = {}, {}, {}, {}, {}
  for i = 1, #ids do
    if bodies[i] then
      local at = #there + 1
      there[at] = i
      current[at], keys[at], whole[at] = version_and_key(bodies[i])
      names[at] = control .. 'p:' .. keys[at]
    end
  end
  local texts, over, pointers, shows_nothing = #names > 0 and call('MGET', unpack(names)), {}, {}, {}
  for at, i in ipairs(there) do
    local id, version, key = ids[i], versions[i], keys[at]
    -- What has taken the place of a write is whole if that was.
    if any_dead and whole[at] then supersede(queue, key, tonumber(version)) end
    if current[at] == version then over[#over + 1], pointers[#pointers + 1] = id, id .. '-0' end
    if current[at] ~= version or not texts[at] or not simple(texts[at], id, version, key, shows_nothing) then
      flushed(id, version, key, bodies[i], current[at] == version)
    end
  end
  if #shows_nothing > 0 then call('DEL', unpack(shows_nothing)) end
  if #over > 0 then
    call('HDEL', KEYS[2], unpack(over))
    if call('HLEN', KEYS[2]) == 1 and call('EXISTS', queue .. 'h') == 0 then
      -- Nothing waits: no pointer points to anything.
      call('DEL', queue .. 's')
    else
      call('XDEL', queue .. 's', unpack(pointers))
    end
  end
end

for i = 7, #ARGV, 4 do
  local what, id, version = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local body = call('HGET', KEYS[2], id)
  local write = body and unpacked(body)
  if write and write.version == version then
    if what == 'f' then
      call('HSET', KEYS[2], id, packed(version, write.attempts + 1, write.drops, write.rest))
    else
      bury(KEYS[1], queue, control, data, id, body, write, ARGV[i + 3], what == 'h')
    end
  end
end
return 1
