-- What a partition holds.
-- KEYS: holds, writes
-- answers {} if nothing was ever there, or how many wait, the oldest (or nothing), the number given last, and how many are dead
local queue = string.sub(KEYS[2], 1, -2)
local waiting = redis.call('HLEN', KEYS[2])
if waiting == 0 then return {} end
local oldest, from = '', '-'
while waiting > 1 and oldest == '' do
  local found = redis.call('XRANGE', queue .. 's', from, '+', 'COUNT', 16)
  if #found == 0 then break end
  for i = 1, #found do
    local id = string.match(found[i][1], '^%d+')
    if redis.call('HEXISTS', KEYS[2], id) == 1 then
      oldest = id
      break
    end
  end
  from = '(' .. found[#found][1]
end
return {waiting - 1, oldest, redis.call('HGET', KEYS[2], 'n'), redis.call('HLEN', queue .. 'd')}
