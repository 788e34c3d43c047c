-- Accepts a write, and shows it to every reader. Somebody waits for it, so it comes without the words of the other scripts: to define them costs
-- more than half of what it does. What it keeps is described in queue.lua.
-- KEYS: holds, writes (ns:q:{tag}:b), variants
-- ARGV: origin, token, prefixes of queue, control and data keys, key, template, known variants, kind, variant, ttl, entry, function, whether it may coalesce, most, drops,
-- length of the payload, and the rest of the write as it is kept
-- answers {0, version, ..} queued, {1, version, ..} coalesced, each with the template and its variants if the caller doesn't know them; {2} full, {3} halted, {4} mixed
local call = redis.call
local queue, control, key, kind, drops = ARGV[3], ARGV[4], ARGV[6], ARGV[9], ARGV[16]
local tokens, name, delta = queue .. 't', control .. 'p:' .. key, kind == 'd'
local pending = call('HMGET', name, 'i', 'n', 's', 'x', 'y', 'd', 'v', 'q')
local how, last = pending[3], pending[1]
if last == '' then last = false end
local id, refused = ARGV[14] == '1' and not delta and pending[2] == ARGV[13] and last, false
if pending[4] then
  refused = 3
elseif how and (string.sub(how, 1, 1) == 'd') ~= delta then
  refused = 4
elseif not id and math.max(call('HLEN', KEYS[2]) - 1, 0) >= tonumber(ARGV[15]) then
  refused = 2
end

-- The next version: microseconds, unless that many were given already.
local time, given = call('TIME'), call('HGET', KEYS[2], 'n')
local micros = time[1] * 1000000 + time[2]
local number = micros
if given and given + 1 > micros then number = given + 1 end
local version = string.format('%.0f', number)
if not refused then
  -- The first thing that is written. A full Redis refuses it, and nothing was done; after it a script may write on.
  local remembered = redis.pcall('ZADD', tokens, 'NX', string.format('%.0f', 2 * number + (id and 1 or 0)), ARGV[2])
  if remembered ~= 1 then
    if type(remembered) == 'table' and not string.find(remembered.err, 'OOM', 1, true) then error(remembered.err) end
    refused = 2
  end
end
if refused then
  local score = call('ZSCORE', tokens, ARGV[2])
  if not score then return {refused} end
  local before = math.floor(score / 2)
  return {score - 2 * before, string.format('%.0f', before)}
end

local shows = kind .. ARGV[10] .. ' ' .. ARGV[11] .. ' ' .. ARGV[7]
if id then
  if pending[6] == '1' then
    -- Drops what the earlier write drops, then what isn't among that.
    local body, all = call('HGET', KEYS[2], id), {}
    local length, from = string.match(body, '^%d+ %d+ (%d+) ()')
    local earlier = string.sub(body, from, from + length - 1)
    for _, list in ipairs({earlier, drops}) do
      local at = 1
      while at <= #list do
        local size, start = string.match(list, '^(%d+):()', at)
        local one = string.sub(list, at, start + size - 1)
        if list ~= earlier and not all[one] then earlier = earlier .. one end
        all[one] = true
        at = start + size
      end
      if list == drops then break end
    end
    drops = earlier
  end
  call('HSET', KEYS[2], 'n', version, id, version .. ' 0 ' .. #drops .. ' ' .. drops .. ARGV[18])
  if pending[5] == id and how == shows and pending[6] == (drops == '' and '0' or '1') then
    call('HSET', name, 'v', version)
  else
    if pending[5] ~= id then call('HDEL', queue .. 'e', id) end
    call('HSET', name, 'v', version, 'y', id, 's', shows, 'd', drops == '' and '0' or '1')
  end
else
  call('XADD', queue .. 's', version .. '-0', 'k', key, 'f', ARGV[13], 'b', ARGV[17])
  call('HSET', KEYS[2], 'n', version, version, version .. ' 0 ' .. #drops .. ' ' .. drops .. ARGV[18])
  if last then
    call('ZADD', control .. 'o:' .. key, last, last)
    if pending[5] == last and not delta then
      -- What is shown until now may be needed again, should its write be given up.
      local variant = string.match(how, '^v(%x+)')
      local entry = variant and call('GET', ARGV[5] .. key .. '#' .. variant)
      if entry then call('HSET', queue .. 'e', last, entry) end
    end
  end
  call('HSET', name, 'v', version, 'i', version, 'y', version, 's', shows, 'n', ARGV[13], 'd', drops == '' and '0' or '1')
end

-- A write to the key that is open overlaps: nothing tells the order of their commits.
local guard = control .. 'w:k' .. key
local writes, written = call('HGETALL', guard), false
for i = 1, #writes, 2 do
  if string.sub(writes[i], 1, 1) == 'i' and tonumber(writes[i + 1]) > math.floor(micros / 1000) then
    call('HSET', guard, 'c', 2)
    written = true
    break
  end
end
-- Which of them the database takes last isn't known then, and what is shown won't stay.
if written then
  call('HSET', name, 'q', 1)
elseif pending[8] then
  call('HDEL', name, 'q')
end

-- Drops the lease, and what is stored in other variants: those that are listed, and those that the caller knows.
local lease, data = control .. 'k:' .. key, ARGV[5] .. key .. '#'
local listed, known = call('HGET', KEYS[3], 't' .. ARGV[7]) or '', ARGV[8]
local all = listed
if listed == known and kind == 'v' and listed == ARGV[10] .. ',' then
  call('DEL', lease)
else
  for other in string.gmatch(known .. (kind == 'v' and ARGV[10] or ''), '%x%x%x%x') do
    if not string.find(all, other, 1, true) then all = all .. other .. ',' end
  end
  if all ~= listed then call('HSET', KEYS[3], 't' .. ARGV[7], all) end
  local over = {lease}
  for other in string.gmatch(all, '%x%x%x%x') do
    if kind ~= 'v' or other ~= ARGV[10] then over[#over + 1] = data .. other end
  end
  call('DEL', unpack(over))
end
if kind == 'v' then call('SET', data .. ARGV[10], ARGV[12]) end

-- Now and then it forgets tokens that are older than two minutes.
if time[2] % 16 == 0 then
  local over = call('ZRANGEBYSCORE', tokens, '-inf', string.format('%.0f', (micros - 120000000) * 2), 'LIMIT', 0, 64)
  if #over > 0 then call('ZREM', tokens, unpack(over)) end
end
call('SPUBLISH', control .. 'm', ARGV[1] .. 'k' .. #key .. ':' .. key)
if all ~= known then return {id and 1 or 0, version, ARGV[7], all} end
return {id and 1 or 0, version}
