-- Comes before every script. Only the clock of Redis counts, in whole milliseconds.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Holds are members of one sorted set per partition, 'k' .. key or 'g' .. group, scored with their end.
-- The set has no ttl, so volatile eviction can't take it; each script removes some of those that are over.
local function sweep(holds, most)
  local over = redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, most)
  if #over > 0 then redis.call('ZREM', holds, unpack(over)) end
  return #over
end

local function held(holds, member)
  local ends = redis.call('ZSCORE', holds, member)
  return ends and tonumber(ends) > now
end

-- Moves the epoch of the partition. Epochs only grow, also when the key was evicted: they are seconds at least.
-- The field 'm' of the variants tells that none were evicted since. DEL comes first: after it a script may write
-- however full Redis is.
local function next_epoch(epoch, variants)
  local last = tonumber(redis.call('GET', epoch) or 0)
  local value = string.format('%d', math.max(last + 1, time[1] - 1600000000))
  redis.call('DEL', epoch)
  redis.call('SET', epoch, value)
  redis.call('HSET', variants, 'm', 1)
  return value
end

-- Without the epoch, or without the list of variants, nobody knows which entries are there: all become invalid.
local function current_epoch(epoch, variants)
  local value = redis.call('GET', epoch)
  if value and redis.call('HEXISTS', variants, 'm') == 1 then return value end
  return next_epoch(epoch, variants)
end

-- A write that a full Redis may refuse: answers whether it was done.
local function wrote(...)
  local answer = redis.pcall(...)
  if type(answer) == 'table' and answer.err then
    if string.find(answer.err, 'OOM', 1, true) then return false end
    error(answer.err)
  end
  return true
end
