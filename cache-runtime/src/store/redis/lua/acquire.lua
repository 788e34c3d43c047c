-- After a miss: may the caller load and store this key?
-- KEYS: data, control, holds, epoch, variants, generations..
-- ARGV: token, lease, length and head of the rejected entry (length -1: none), key, then a new stamp and a text per group
-- answers {0} bypass, {1, ms} wait, {2, epoch, stamps..} granted, {3, entry, stamps..} present, {4, 1 if the row is gone} pending
sweep(KEYS[3], 32)
local pending = shown(string.sub(KEYS[3], 1, -2), ARGV[5])
if not pending then
  if held(KEYS[3], 'k' .. ARGV[5]) then return {0} end
  for i = 7, #ARGV, 2 do
    if held(KEYS[3], 'g' .. ARGV[i]) then return {0} end
  end
end

local entry = redis.call('GET', KEYS[1])
if pending and string.sub(pending, 1, 5) ~= 'v' .. string.sub(KEYS[1], -4) then entry = false end
if entry and not (#entry == tonumber(ARGV[3]) and string.sub(entry, 1, #ARGV[4]) == ARGV[4]) then
  local answer = {3, entry}
  for i = 6, #KEYS do answer[i - 3] = redis.call('GET', KEYS[i]) or '0' end
  return answer
end

if pending then return {4, string.sub(pending, 1, 1) == 'a' and 1 or 0} end

local epoch = current_epoch(KEYS[4], KEYS[5])
local lease = redis.call('HMGET', KEYS[2], 'l', 'd', 'e', 's')
if lease[1] and lease[1] ~= ARGV[1] and not lease[4] and lease[3] == epoch and tonumber(lease[2]) > now then
  return {1, tonumber(lease[2]) - now}
end

local ms = tonumber(ARGV[2])
if not wrote('HSET', KEYS[2], 'l', ARGV[1], 'd', now + ms, 'e', epoch) then return {0} end
redis.call('HDEL', KEYS[2], 's')
redis.call('PEXPIRE', KEYS[2], ms)

local answer = {2, epoch}
for i = 6, #KEYS do
  -- A generation lives long enough for this load; the fill sees to the rest.
  local stamp, ttl = redis.call('GET', KEYS[i]), 2 * ms + 60000
  if stamp then
    local left = redis.call('PTTL', KEYS[i])
    if left >= 0 and left < ttl then redis.call('PEXPIRE', KEYS[i], ttl) end
  else
    stamp = ARGV[2 * i - 6]
    redis.call('SET', KEYS[i], stamp, 'PX', ttl)
  end
  answer[i - 3] = stamp
end
return answer
