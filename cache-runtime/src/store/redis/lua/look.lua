-- What is pending for a key.
-- KEYS: holds, writes
-- ARGV: prefixes of control and data keys, key, variant
-- answers {} nothing, or version, flushed, 1 if a write is taken, 1 if halted, kind, variant that is shown, id of the oldest delta or 0, then the entry if it is that of the variant
-- asked for, or all writes of the key if they are deltas
local control, data, key = ARGV[1], ARGV[2], ARGV[3]
local queue = string.sub(KEYS[2], 1, -2)
local pending = pending_of(control, key)
if not pending then return {} end
local kind, variant = shown_how(pending.s)
local ids, moving = ids_of(control, key, pending.i), 0
local taken = redis.call('HGET', queue .. 'l', 'bw')
if taken then
  local batch = {}
  for id in string.gmatch(taken, '(%d+) %d+') do batch[id] = true end
  for i = 1, #ids do
    if batch[ids[i]] then moving = 1 end
  end
end
local answer = {pending.v, digits(pending.f), moving, pending.x and 1 or 0, kind, variant, kind == 'd' and ids[1] or '0'}
if kind == 'v' and variant == ARGV[4] then
  answer[8] = redis.call('GET', data .. key .. '#' .. variant)
elseif kind == 'd' then
  for i = 1, #ids do answer[i + 7] = redis.call('HGET', KEYS[2], ids[i]) end
end
return answer
