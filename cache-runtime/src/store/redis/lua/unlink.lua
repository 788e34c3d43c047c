-- Removes entries of one partition, but for those that show what is pending.
-- KEYS: writes (ns:q:{tag}:b), then the entries
-- ARGV: prefix of control keys, then the key's text of each
-- answers how many were removed
local queued, removed = redis.call('EXISTS', KEYS[1]) == 1, 0
for i = 2, #KEYS do
  if not (queued and redis.call('EXISTS', ARGV[1] .. 'p:' .. ARGV[i]) == 1) then
    removed = removed + redis.call('UNLINK', KEYS[i])
  end
end
return removed
