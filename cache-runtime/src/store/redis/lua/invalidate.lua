-- Drops keys in every variant, their leases, and groups; all of one partition.
-- KEYS: holds, epoch, variants
-- ARGV: hold (0: none), prefix of data keys, prefix of control keys, then 'k' or 'g', text and template of each
local hold = tonumber(ARGV[1])
local field, live = nil, nil
for i = 4, #ARGV, 3 do
  local kind, text, template = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if kind == 'k' then
    redis.call('DEL', ARGV[3] .. 'k:' .. text)
    if template ~= field then
      field, live = template, redis.call('HGET', KEYS[3], 't' .. template) or ''
    end
    for variant in string.gmatch(live, '%x%x%x%x') do
      redis.call('DEL', ARGV[2] .. text .. '#' .. variant)
    end
  else
    -- A group without generation makes all its entries invalid; the next load begins a new one.
    redis.call('DEL', ARGV[3] .. 'g:' .. text)
  end
  if hold > 0 then redis.call('ZADD', KEYS[1], 'GT', now + hold, kind .. text) end
end
current_epoch(KEYS[2], KEYS[3])
sweep(KEYS[1], 32)
return 1
