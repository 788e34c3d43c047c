-- Removes holds that are over from a partition nobody writes to, and tokens of writes that were accepted more than two minutes ago.
-- KEYS: holds, tokens (ns:q:{tag}:t)
local over = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%d', (micros - 120000000) * 2), 'LIMIT', 0, 1000)
if #over > 0 then redis.call('ZREM', KEYS[2], unpack(over)) end
return sweep(KEYS[1], 1000)
