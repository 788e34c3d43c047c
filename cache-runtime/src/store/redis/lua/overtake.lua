-- A direct write to the key has committed: pending writes up to a version are older.
-- KEYS: holds, writes
-- ARGV: prefixes of control and data keys, key, version
-- answers of each that became a dead letter its id, and the write as it was kept
local control, data, key, version = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local queue, overtaken = string.sub(KEYS[2], 1, -2), {}
may_write(queue)
local pending = pending_of(control, key)
for _, id in ipairs(pending and ids_of(control, key, pending.i) or {}) do
  local body = redis.call('HGET', KEYS[2], id)
  local write = unpacked(body)
  if tonumber(write.version) <= version then
    bury(KEYS[1], queue, control, data, id, body, write, 'a direct write to the key overtook it', false)
    overtaken[#overtaken + 1] = id
    overtaken[#overtaken + 1] = body
  end
end
supersede(queue, key)
return overtaken
