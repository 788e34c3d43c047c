-- The oldest writes of a partition after an id; those of halted keys are left out.
-- KEYS: holds, writes
-- ARGV: id, most
-- answers of each its id, and its pointer as it is in the stream
local queue, most = string.sub(KEYS[2], 1, -2), tonumber(ARGV[2])
local halted, any_halted, answer, from = {}, false, {}, '(' .. ARGV[1] .. '-0'
-- Pointers of halted dead letters point to nothing.
for _, key in ipairs(redis.call('SMEMBERS', queue .. 'h')) do halted[key], any_halted = true, true end
while most > 0 do
  local found = redis.call('XRANGE', queue .. 's', from, '+', 'COUNT', most)
  if #found == 0 then break end
  for i = 1, #found do
    local id, pointer = string.sub(found[i][1], 1, -3), found[i][2][2]
    if any_halted then
      local length, at = string.match(pointer, '^%d+ (%d+) ()')
      if halted[string.sub(pointer, at + length)] or redis.call('HEXISTS', KEYS[2], id) == 0 then id = nil end
    end
    if id then
      answer[#answer + 1] = id
      answer[#answer + 1] = pointer
      most = most - 1
    end
  end
  from = '(' .. found[#found][1]
end
return answer
