-- Queues a dead letter again.
-- KEYS: holds, writes, variants
-- ARGV: prefixes of control and data keys, id
-- answers 0 queued, 1 superseded, 2 there is none
local control, data, id = ARGV[1], ARGV[2], ARGV[3]
local queue = string.sub(KEYS[2], 1, -2)
local text = redis.call('HGET', queue .. 'd', id)
if not text then return 2 end
local dead = dead_unpacked(text)
local write = unpacked(dead.body)
local key, delta = write.key, write.kind == 'd'
local pending = pending_of(control, key)
if dead.superseded == 1 then return 1 end
if pending and (string.sub(pending.s, 1, 1) == 'd') ~= delta then return 1 end
if pending and write.whole and dead.halted == 0 then
  if pending.x then return 1 end
  for _, other in ipairs(ids_of(control, key, pending.i)) do
    local version, _, whole = version_and_key(redis.call('HGET', KEYS[2], other))
    if whole and tonumber(version) > tonumber(write.version) then return 1 end
  end
end
may_write(queue)
unlist(queue, key, id)

if dead.halted == 1 and pending then
  -- Its pointer is where it was: before whatever came later.
  redis.call('HSET', KEYS[2], id, packed(write.version, 0, write.drops, write.rest))
  if pending.i == '' or tonumber(pending.i) < tonumber(id) then
    if pending.i ~= '' then redis.call('ZADD', control .. 'o:' .. key, pending.i, pending.i) end
    make_last(pending, id, write)
  else
    redis.call('ZADD', control .. 'o:' .. key, id, id)
  end
  unhalt(queue, key, pending)
  keep(control, key, pending)
  return 0
end

redis.call('XDEL', queue .. 's', id .. '-0')
local version = after(redis.call('HGET', KEYS[2], 'n'))
append(queue, version, key, write.func, write.bytes, packed(version, 0, write.drops, write.rest))
if pending and pending.i ~= '' then redis.call('ZADD', control .. 'o:' .. key, pending.i, pending.i) end
local there = pending and (redis.call('HEXISTS', KEYS[2], pending.y) + redis.call('HEXISTS', queue .. 'd', pending.y) > 0)
if there and string.sub(pending.s, 1, 1) == 'v' then
  -- What is shown until now may be needed again, should its write be given up.
  local _, variant = shown_how(pending.s)
  local shown = redis.call('GET', data .. key .. '#' .. variant)
  if shown then redis.call('HSET', queue .. 'e', pending.y, shown) end
end
local shows = write.kind .. write.variant .. ' ' .. write.ttl .. ' ' .. write.template
local now_pending = {x = pending and pending.x, v = version, f = pending and pending.f or 0, y = version, s = shows}
make_last(now_pending, version, write)
local entry = redis.call('HGET', queue .. 'e', id)
redis.call('HDEL', queue .. 'e', id)
show(KEYS[1], control, data, KEYS[3], key, now_pending, entry)
keep(control, key, now_pending)
tell(KEYS[1], NOBODY, {note('k', key)})
return 0
