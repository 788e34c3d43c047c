-- Accepts a write, and shows it to every reader. Somebody waits for it, so it comes without the words of the other scripts, and asks Redis as little as
-- it can. What it keeps is described in queue.lua.
-- KEYS: writes (ns:q:{tag}:b)
-- ARGV: origin, token, prefixes of control and data keys, key, template, known variants, how it shows itself (kind, variant, ttl, template), entry, function, whether it
-- is whole, most, drops, length of the payload, and the rest of the write as it is kept
-- answers {0, version, ..} queued, {1, version, ..} coalesced, each with the template and its variants if the caller doesn't know them; {2} full, {3} halted, {4} mixed
local call, writes = redis.call, KEYS[1]
local token, control, key, how, func, drops = ARGV[2], ARGV[3], ARGV[5], ARGV[8], ARGV[10], ARGV[13]
local queue = string.sub(writes, 1, -2)
local tokens, name, kind = queue .. 't', control .. 'p:' .. key, string.sub(how, 1, 1)
local delta = kind == 'd'
local halted, flushed, last, shown_id, of, shows, dropping = '0', '0'
local pending = call('GET', name)
if pending then
  local length, at
  halted, dropping, flushed, last, shown_id, length, at = string.match(pending, '^(%d)%d(%d) %d+ (%d+) (%d*) (%d+) (%d+) ()')
  if last == '' then last = nil end
  of, shows = string.sub(pending, at, at + length - 1), string.sub(pending, at + length)
end
local id, refused = ARGV[11] == '1' and of == func and last, false
if halted == '1' then
  refused = 3
elseif shows and (string.sub(shows, 1, 1) == 'd') ~= delta then
  refused = 4
elseif not id and math.max(call('HLEN', writes) - 1, 0) >= tonumber(ARGV[12]) then
  refused = 2
end

-- The next version: microseconds, unless that many were given already.
local time, given = call('TIME'), call('HGET', writes, 'n')
local micros = time[1] * 1000000 + time[2]
local number = micros
if given and given + 1 > micros then number = given + 1 end
local version = string.format('%d', number)
if not refused then
  -- The first thing that is written. A full Redis refuses it, and nothing was done; after it a script may write on.
  local remembered = redis.pcall('ZADD', tokens, 'NX', string.format('%d', 2 * number + (id and 1 or 0)), token)
  if remembered ~= 1 then
    if type(remembered) == 'table' and not string.find(remembered.err, 'OOM', 1, true) then error(remembered.err) end
    refused = 2
  end
end
if refused then
  local score = call('ZSCORE', tokens, token)
  if not score then return {refused} end
  local before = math.floor(score / 2)
  return {score - 2 * before, string.format('%d', before)}
end

if id and dropping == '1' then
  -- Drops what the earlier write drops, then what isn't among that.
  local body, all = call('HGET', writes, id), {}
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
call('HSET', writes, 'n', version, id or version, version .. ' 0 ' .. #drops .. ' ' .. drops .. ARGV[15])
if not id then
  call('XADD', queue .. 's', version .. '-0', 'w', ARGV[14] .. ' ' .. #func .. ' ' .. func .. key)
  if last then
    call('ZADD', control .. 'o:' .. key, last, last)
    if shown_id == last and not delta then
      -- What is shown until now may be needed again, should its write be given up.
      local variant = string.match(shows, '^v(%x+)')
      local entry = variant and call('GET', ARGV[4] .. key .. '#' .. variant)
      if entry then call('HSET', queue .. 'e', last, entry) end
    end
  end
elseif shown_id ~= id then
  call('HDEL', queue .. 'e', id)
end

-- A write to the key that is open overlaps: nothing tells the order of their commits. Which of them the database takes last isn't known then, and what
-- is shown won't stay.
local lease, guard, overlaps = control .. 'k:' .. key, control .. 'w:k' .. key, '0'
if call('EXISTS', lease, guard) > 0 then
  call('DEL', lease)
  local open = call('HGETALL', guard)
  for i = 1, #open, 2 do
    if string.sub(open[i], 1, 1) == 'i' and tonumber(open[i + 1]) > math.floor(micros / 1000) then
      call('HSET', guard, 'c', 2)
      overlaps = '1'
      break
    end
  end
end
id = id or version
-- An event's place is nobody else's.
if ARGV[11] ~= '1' then func = '' end
call('SET', name, '0' .. overlaps .. (drops == '' and '0 ' or '1 ') .. version .. ' ' .. flushed .. ' ' .. id .. ' ' .. id .. ' ' .. #func .. ' ' .. func .. how)

-- Drops what is stored in other variants: those that are listed, and those that the caller knows.
local template, variant, data = ARGV[6], string.sub(how, 2, 5), ARGV[4] .. key .. '#'
local listed, known = call('HGET', control .. 'v', 't' .. template) or '', ARGV[7]
local all = listed
if listed ~= known or kind ~= 'v' or listed ~= variant .. ',' then
  for other in string.gmatch(known .. (kind == 'v' and variant or ''), '%x%x%x%x') do
    if not string.find(all, other, 1, true) then all = all .. other .. ',' end
  end
  if all ~= listed then call('HSET', control .. 'v', 't' .. template, all) end
  for other in string.gmatch(all, '%x%x%x%x') do
    if kind ~= 'v' or other ~= variant then call('DEL', data .. other) end
  end
end
if kind == 'v' then call('SET', data .. variant, ARGV[9]) end

-- Now and then it forgets tokens that are older than two minutes.
if time[2] % 16 == 0 then
  local over = call('ZRANGEBYSCORE', tokens, '-inf', string.format('%d', (micros - 120000000) * 2), 'LIMIT', 0, 64)
  if #over > 0 then call('ZREM', tokens, unpack(over)) end
end
call('SPUBLISH', control .. 'm', ARGV[1] .. 'k' .. #key .. ':' .. key)
if all ~= known then return {version == id and 0 or 1, version, template, all} end
return {version == id and 0 or 1, version}
