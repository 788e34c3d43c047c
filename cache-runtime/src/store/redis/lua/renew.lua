-- Extends a lease that is still held.
-- KEYS: control, holds, epoch; ARGV: token, lease; answers 1 or 0
sweep(KEYS[2], 32)
local lease = redis.call('HMGET', KEYS[1], 'l', 'd', 'e', 's')
if lease[1] ~= ARGV[1] or lease[4] or tonumber(lease[2]) <= now or lease[3] ~= redis.call('GET', KEYS[3]) then
  return 0
end
if not wrote('HSET', KEYS[1], 'd', now + tonumber(ARGV[2])) then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
