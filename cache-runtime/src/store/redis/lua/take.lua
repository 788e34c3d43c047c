-- Takes writes as one batch.
-- KEYS: holds, writes
-- ARGV: epoch of the claim, then the ids
-- answers {} if the claim was lost or a batch of another epoch isn't settled, or the number, then id and write of each that is still there
local queue = string.sub(KEYS[2], 1, -2)
local line = queue .. 'l'
if not is_held(queue, ARGV[1]) then return {} end
local left = redis.call('HGET', line, 'be')
if left and left ~= ARGV[1] then return {} end
may_write(queue)
local answer, taken, func = {next_number(queue)}, {}, ''
for i = 2, #ARGV do
  local body = redis.call('HGET', KEYS[2], ARGV[i])
  if body then
    if #taken == 0 then func = unpacked(body).func end
    taken[#taken + 1] = ARGV[i] .. ' ' .. string.match(body, '^%d+')
    answer[#answer + 1] = ARGV[i]
    answer[#answer + 1] = body
  end
end
redis.call('HSET', line, 'b', answer[1], 'be', ARGV[1], 'bf', func, 'bw', table.concat(taken, ' '))
return answer
