-- Extends announced writes; answers 1 if all of them were still open, else 0 and extends none.
-- KEYS: holds
-- ARGV: token, time, then the members
sweep(KEYS[1], 32)
for i = 3, #ARGV do
  if not writes(KEYS[1], ARGV[i], ARGV[1]).mine then return 0 end
end
local ends = now + tonumber(ARGV[2])
for i = 3, #ARGV do
  local guard = string.sub(KEYS[1], 1, -2) .. 'w:' .. ARGV[i]
  -- After any write a script may write on, however full Redis is.
  redis.call('HDEL', guard, '-')
  redis.call('HSET', guard, 'i' .. ARGV[1], math.max(ends, tonumber(redis.call('HGET', guard, 'i' .. ARGV[1]))))
  remember(KEYS[1], ARGV[i], ends)
end
return 1
