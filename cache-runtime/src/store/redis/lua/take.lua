-- Takes writes as one batch. Without the words of the other scripts, since each batch asks for it.
-- KEYS: holds, writes
-- ARGV: epoch of the claim, then the ids
-- answers {} if the claim was lost or a batch of another epoch isn't settled, or the number, then the write of each id, or nothing where it isn't there any more
local call, queue, time = redis.call, string.sub(KEYS[2], 1, -2), redis.call('TIME')
local line = queue .. 'l'
local known = call('HMGET', line, 'e', 'h', 'be')
if known[1] ~= ARGV[1] or not known[2] then return {} end
if known[3] and known[3] ~= ARGV[1] then return {} end
-- What empties the queue makes room: after any write a script may write on, however full Redis is.
call('HDEL', line, '-')
local last = call('HGET', KEYS[2], 'n')
local number = string.format('%d', math.max(time[1] * 1000000 + time[2], (last or 0) + 1))
call('HSET', KEYS[2], 'n', number)
local answer, taken, func = {number}, {}, ''
for from = 2, #ARGV, 1000 do
  local bodies = call('HMGET', KEYS[2], unpack(ARGV, from, math.min(from + 999, #ARGV)))
  for i = 1, #bodies do
    local body = bodies[i]
    if body then
      if #taken == 0 then
        local drops, rest = string.match(body, '^%d+ %d+ (%d+) ()')
        local key, length, start = string.match(body, '^%S+ %S+ (%d+) (%d+) %d+ ()', rest + drops)
        func = string.sub(body, start + key, start + key + length - 1)
      end
      taken[#taken + 1] = ARGV[from + i - 1] .. ' ' .. string.match(body, '^%d+')
    end
    answer[#answer + 1] = body
  end
end
call('HSET', line, 'b', number, 'be', ARGV[1], 'bf', func, 'bw', table.concat(taken, ' '))
return answer
