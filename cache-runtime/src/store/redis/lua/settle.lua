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

local ids, versions = {}, {}
for id, version in string.gmatch(ARGV[6], '(%d+) (%d+)') do
  ids[#ids + 1], versions[#versions + 1] = id, version
end
if #ids > 0 then
  local bodies, over, pointers = call('HMGET', KEYS[2], unpack(ids)), {}, {}
  local any_dead = call('EXISTS', queue .. 'k') == 1
  for i = 1, #ids do
    local id, version, body = ids[i], versions[i], bodies[i]
    if body then
      -- What has taken the place of a write is whole if that was.
      local current, key, whole = version_and_key(body)
      if any_dead and whole then supersede(queue, key, tonumber(version)) end
      if current == version then over[#over + 1], pointers[#pointers + 1] = id, id .. '-0' end
      flushed(id, version, key, body, current == version)
    end
  end
  if #over > 0 then
    call('HDEL', KEYS[2], unpack(over))
    call('XDEL', queue .. 's', unpack(pointers))
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
