-- Gives a lease back without storing.
-- KEYS: control, holds; ARGV: token
sweep(KEYS[2], 32)
local lease = redis.call('HMGET', KEYS[1], 'l', 's')
if lease[1] == ARGV[1] and not lease[2] then redis.call('HDEL', KEYS[1], 'l', 'd', 'e') end
return 1
