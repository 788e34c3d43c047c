-- Takes or keeps the claim of a partition in which writes wait; without a lease, gives it back.
-- KEYS: holds, writes
-- ARGV: holder, lease (-1: none)
-- answers {} or epoch, then number, epoch, function and writes of the batch that an earlier holder left
local queue = string.sub(KEYS[2], 1, -2)
local waiting = redis.call('HLEN', KEYS[2])
if waiting == 0 then return {} end
local line, lease = queue .. 'l', tonumber(ARGV[2])
local known = redis.call('HMGET', line, 'h', 'u', 'e', 'b', 'be')
forget_tokens(queue, 1000)
if lease < 0 then
  if known[1] == ARGV[1] then redis.call('HDEL', line, 'h', 'u') end
  return {}
end
local current = known[1] and tonumber(known[2]) > now
local mine = current and known[1] == ARGV[1]
if current and not mine then return {} end
if waiting == 1 and not known[4] then
  if mine then redis.call('HDEL', line, 'h', 'u') end
  return {}
end
may_write(queue)
local epoch = known[3]
if not mine then epoch = digits(math.max(tonumber(time[1]), (epoch or 0) + 1)) end
redis.call('HSET', line, 'h', ARGV[1], 'u', now + lease, 'e', epoch)
if not known[4] or known[5] == epoch then return {epoch} end
return {epoch, known[4], known[5], unpack(redis.call('HMGET', line, 'bf', 'bw'))}
