-- Says what became of writes that were taken.
-- KEYS: holds, writes
-- ARGV: epoch of the claim, 1 if that is all of the batch, its number (or empty: whichever was taken last), prefixes of control and data keys, then what (d done, f failed, x dead, h dead and halted), id, version and error of each
-- answers 1, or 0 if the claim was lost
local control, data, queue = ARGV[4], ARGV[5], string.sub(KEYS[2], 1, -2)
local line = queue .. 'l'
if not is_held(queue, ARGV[1]) then return 0 end
if ARGV[3] ~= '' and redis.call('HGET', line, 'b') ~= ARGV[3] then return 1 end
may_write(queue)
if ARGV[2] == '1' then redis.call('HDEL', line, 'b', 'be', 'bf', 'bw') end

-- A write of the key is in the database. If a later one has taken its place, that stays, and goes to the end unless it would be overtaken there.
local function flushed(id, version, body, write)
  local key, same = write.key, write.version == version
  local pending = pending_of(control, key)
  if same then
    redis.call('HDEL', KEYS[2], id)
    redis.call('XDEL', queue .. 's', id .. '-0')
    if not pending then return end
    if pending.y ~= id then redis.call('HDEL', queue .. 'e', id) end
    if pending.i == id and not pending.x and redis.call('EXISTS', control .. 'o:' .. key) == 0 then
      return unshow(KEYS[1], control, data, key, pending, pending.v == digits(math.max(pending.f, tonumber(version))))
    end
    remove_id(queue, control, key, pending, id)
  elseif pending and pending.i == id then
    local place = next_number(queue)
    redis.call('XDEL', queue .. 's', id .. '-0')
    redis.call('HDEL', KEYS[2], id)
    append(queue, place, key, write.func, write.bytes, body)
    redis.call('HSET', control .. 'p:' .. key, 'i', place)
    local entry = pending.y ~= id and redis.call('HGET', queue .. 'e', id)
    if pending.y == id then redis.call('HSET', control .. 'p:' .. key, 'y', place) end
    if entry then
      redis.call('HDEL', queue .. 'e', id)
      redis.call('HSET', queue .. 'e', place, entry)
    end
  end
  if pending and tonumber(version) > pending.f then redis.call('HSET', control .. 'p:' .. key, 'f', version) end
end

for i = 6, #ARGV, 4 do
  local what, id, version = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local body = redis.call('HGET', KEYS[2], id)
  local write = body and unpacked(body)
  if write and what == 'd' then
    supersede(queue, write.key, tonumber(version))
    flushed(id, version, body, write)
  elseif write and write.version == version then
    if what == 'f' then
      redis.call('HSET', KEYS[2], id, packed(version, write.attempts + 1, write.drops, write.rest))
    else
      bury(KEYS[1], queue, control, data, id, body, write, ARGV[i + 3], what == 'h')
    end
  end
end
return 1
