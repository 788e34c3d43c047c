-- Stores an entry, if nothing happened since its lease was granted.
-- KEYS: data, control, holds, epoch, variants, generations..
-- ARGV: token, epoch, ttl (0: none), entry, template, variant, version, key, then a stamp and a text per group
-- answers 1 stored, 0 refused
sweep(KEYS[3], 32)
local found = writes(KEYS[3], 'k' .. ARGV[8], '')
if found.open > 0 or shown(string.sub(KEYS[3], 1, -2), ARGV[8]) then return 0 end
for i = 10, #ARGV, 2 do
  if held(KEYS[3], 'g' .. ARGV[i]) then return 0 end
end

local lease = redis.call('HMGET', KEYS[2], 'l', 'd', 'e', 's')
if lease[1] ~= ARGV[1] then return 0 end
if lease[4] then return 1 end
if tonumber(lease[2]) <= now or lease[3] ~= ARGV[2] or redis.call('GET', KEYS[4]) ~= ARGV[2] then return 0 end
if ARGV[7] ~= '' and found.floor and ARGV[7] < found.floor then return 0 end
for i = 6, #KEYS do
  if redis.call('GET', KEYS[i]) ~= ARGV[2 * i - 3] then return 0 end
end

if redis.call('HEXISTS', KEYS[5], 'm') == 0 then return 0 end
local ttl = tonumber(ARGV[3])
if not (register(KEYS[5], ARGV[5], ARGV[6]) and put(KEYS[1], ARGV[4], ttl)) then
  redis.call('HDEL', KEYS[2], 'l', 'd', 'e')
  return 0
end

-- The lease stays for its time, marked as used: a repeated fill gets the same answer.
redis.call('HSET', KEYS[2], 's', 1)
for i = 6, #KEYS do
  if ttl == 0 then
    redis.call('PERSIST', KEYS[i])
  else
    local left = redis.call('PTTL', KEYS[i])
    if left >= 0 and left < 2 * ttl then redis.call('PEXPIRE', KEYS[i], 2 * ttl) end
  end
end
return 1
