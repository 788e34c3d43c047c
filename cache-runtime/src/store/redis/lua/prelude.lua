-- Comes before every script. Only the clock of Redis counts, in whole milliseconds.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- What was changed is told with the exact time: whoever listens asks for it in the same unit.
local micros = time[1] * 1000000 + time[2]

-- What is known of writes to a key or group is the hash 'w:' .. member, where the member is 'k' .. key or 'g' .. group:
--   'i' .. token  the end of a write that is announced, or that may still commit
--   'c'           they overlapped: 1, their versions will tell the order of their commits; 2, nothing will
--   'f', 'u'      the oldest version that may be stored, as 20 digits, and until when that holds
-- The hash has no ttl, so volatile eviction can't take it. The sorted set `holds` has its member, scored with the end of all this;
-- each script removes some of what is over.
local function sweep(holds, most)
  local over = redis.call('ZRANGEBYSCORE', holds, '-inf', now, 'LIMIT', 0, most)
  if #over > 0 then
    local control = string.sub(holds, 1, -2)
    for i = 1, #over do redis.call('DEL', control .. 'w:' .. over[i]) end
    redis.call('ZREM', holds, unpack(over))
  end
  return #over
end

-- How many writes are open now, whether one of them is `token`'s, whether they overlapped, and the floor.
local function writes(holds, member, token)
  local guard = string.sub(holds, 1, -2) .. 'w:' .. member
  local found = {guard = guard, open = 0, mine = false, contended = 0}
  local fields, floor_ends, unfinished = redis.call('HGETALL', guard), 0, false
  for i = 1, #fields, 2 do
    local name, value = fields[i], fields[i + 1]
    if name == 'c' then
      found.contended = tonumber(value)
    elseif name == 'f' then
      found.floor = value
    elseif name == 'u' then
      floor_ends = tonumber(value)
    elseif tonumber(value) > now then
      found.open = found.open + 1
      if string.sub(name, 2) == token then found.mine = true end
    else
      redis.call('HDEL', guard, name)
      unfinished = true
    end
  end
  -- The versions of writes that overlapped tell their order only as long as the newest is known.
  if found.floor and floor_ends <= now and found.open == 0 then
    redis.call('HDEL', guard, 'f', 'u')
    found.floor = nil
  end
  if found.open == 0 then
    found.contended = 0
  elseif unfinished then
    found.contended = 2
    redis.call('HSET', guard, 'c', 2)
  end
  return found
end

-- Writes what is known of overlaps.
local function overlap(found, how)
  if how > 0 then
    redis.call('HSET', found.guard, 'c', math.max(how, found.contended))
  else
    redis.call('HDEL', found.guard, 'c')
  end
end

-- Without any member of `holds` nothing is.
local any_holds
local function held(holds, member)
  if any_holds == nil then any_holds = redis.call('EXISTS', holds) == 1 end
  return any_holds and writes(holds, member, '').open > 0
end

-- Remembers in `holds` that a member is known until then.
local function remember(holds, member, ends)
  redis.call('ZADD', holds, 'GT', ends, member)
end

-- Raises the floor. It must outlive the longest pause of a writer between its commit and its end.
local function raise(holds, member, found, version)
  if version == '' or (found.floor and found.floor >= version) then return end
  local ends = now + 600000
  redis.call('HSET', found.guard, 'f', version, 'u', ends)
  remember(holds, member, ends)
  found.floor = version
end

-- How a key shows what is pending for it: kind (v value, a absent, d deltas), then the variant and more; false if nothing is. See queue.lua.
local function shown(control, key)
  local pending = redis.call('GET', control .. 'p:' .. key)
  if not pending then return false end
  local length, at = string.match(pending, '^%d+ %d+ %d+ %d* %d+ (%d+) ()')
  return string.sub(pending, at + length)
end

-- Deletes what is stored under a key in every variant, and the lease on it, or the generation of a group: all its entries are invalid
-- then, and the next load begins a new one. The list of variants may have been evicted, so the caller says which ones it knows, and is
-- told of others. `live` remembers the variants of a template between calls. The variant that shows what is pending for a key stays; answers
-- whether something is pending.
local function drop(kind, text, template, known, data, control, variants, live)
  if kind == 'g' then
    redis.call('DEL', control .. 'g:' .. text)
    return
  end
  redis.call('DEL', control .. 'k:' .. text)
  if live.template ~= template then
    local listed = redis.call('HGET', variants, 't' .. template) or ''
    local all = listed
    for variant in string.gmatch(known, '%x%x%x%x') do
      if not string.find(all, variant, 1, true) then all = all .. variant .. ',' end
    end
    if all ~= listed then redis.call('HSET', variants, 't' .. template, all) end
    if all ~= known then
      live.told[#live.told + 1] = template
      live.told[#live.told + 1] = all
    end
    live.template, live.variants = template, all
  end
  if live.queued == nil then
    live.queued = redis.call('EXISTS', (string.gsub(control, ':c:{', ':q:{')) .. 'b') == 1
  end
  local pending = live.queued and shown(control, text)
  local kept = pending and string.match(pending, '^v(%x+)')
  for variant in string.gmatch(live.variants, '%x%x%x%x') do
    if variant ~= kept then redis.call('DEL', data .. text .. '#' .. variant) end
  end
  if pending then redis.call('SETRANGE', control .. 'p:' .. text, 1, '1') end
  return pending
end

-- Tells the memories of other processes what was dropped, in one message: who did it, then kind, length and text of each.
local function note(kind, text)
  return kind .. #text .. ':' .. text
end

local function tell(holds, origin, notes)
  redis.call('SPUBLISH', string.sub(holds, 1, -2) .. 'm', origin .. table.concat(notes))
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

-- Adds a variant to those that a template is stored in; false if Redis is full.
local function register(variants, template, variant)
  local known = redis.call('HGET', variants, 't' .. template) or ''
  if string.find(known, variant, 1, true) then return true end
  return wrote('HSET', variants, 't' .. template, known .. variant .. ',')
end

-- Stores an entry; 0 is no ttl. False if Redis is full.
local function put(data, entry, ttl)
  if ttl > 0 then return wrote('SET', data, entry, 'PX', ttl) end
  return wrote('SET', data, entry)
end
