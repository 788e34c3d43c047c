-- The oldest writes of a partition after an id; those of halted keys are left out.
-- KEYS: holds, writes
-- ARGV: id, most
-- answers id, key, function and length of the payload of each
local queue, most = string.sub(KEYS[2], 1, -2), tonumber(ARGV[2])
local halted, answer, from = {}, {}, '(' .. ARGV[1] .. '-0'
for _, key in ipairs(redis.call('SMEMBERS', queue .. 'h')) do halted[key] = true end
-- Pointers of halted dead letters point to nothing.
local all = redis.call('XLEN', queue .. 's') <= redis.call('HLEN', KEYS[2]) - 1
while most > 0 do
  local found = redis.call('XRANGE', queue .. 's', from, '+', 'COUNT', most)
  if #found == 0 then break end
  for i = 1, #found do
    local id, pointer = string.match(found[i][1], '^%d+'), found[i][2]
    if not halted[pointer[2]] and (all or redis.call('HEXISTS', KEYS[2], id) == 1) then
      answer[#answer + 1] = id
      for field = 2, 6, 2 do answer[#answer + 1] = pointer[field] end
      most = most - 1
    end
  end
  from = '(' .. found[#found][1]
end
return answer
