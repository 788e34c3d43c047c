-- Forgets a dead letter.
-- KEYS: holds, writes
-- ARGV: prefixes of control and data keys, id
-- answers 1, or 0 if there was none
local control, data, id = ARGV[1], ARGV[2], ARGV[3]
local queue = string.sub(KEYS[2], 1, -2)
local text = redis.call('HGET', queue .. 'd', id)
if not text then return 0 end
local dead = dead_unpacked(text)
local key = unpacked(dead.body).key
may_write(queue)
unlist(queue, key, id)
redis.call('HDEL', queue .. 'e', id)
if dead.halted == 1 then
  redis.call('XDEL', queue .. 's', id .. '-0')
  local pending = pending_of(control, key)
  if unhalt(queue, key, pending) and pending then
    if pending.i == '' then
      unshow(KEYS[1], control, data, key, pending, false)
    else
      keep(control, key, pending)
    end
  end
end
return 1
