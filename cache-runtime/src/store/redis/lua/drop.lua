-- Drops keys in every variant, their leases, and groups; all of one partition. With a time, they are announced as being written:
-- nothing is stored under them until the write has ended or the time is over.
-- KEYS: holds, epoch, variants
-- ARGV: origin, token, time (0: none), prefix of data keys, prefix of control keys, then 'k' or 'g', text, template, known variants and version of each
-- answers the time in microseconds, then templates and their variants, as far as the caller doesn't know them
local HOLD = string.rep('0', 32)
local token, ms = ARGV[2], tonumber(ARGV[3])
local live, notes = {told = {}}, {}
for i = 6, #ARGV, 5 do
  local kind, text = ARGV[i], ARGV[i + 1]
  local member = kind .. text
  drop(kind, text, ARGV[i + 2], ARGV[i + 3], ARGV[4], ARGV[5], KEYS[3], live)
  local found = writes(KEYS[1], member, token)
  local others = found.open - (found.mine and 1 or 0)
  raise(KEYS[1], member, found, ARGV[i + 4])
  if ms > 0 then
    local ends = math.max(now + ms, tonumber(redis.call('HGET', found.guard, 'i' .. token) or 0))
    redis.call('HSET', found.guard, 'i' .. token, ends)
    remember(KEYS[1], member, ends)
  end
  if others > 0 then
    overlap(found, (ms > 0 and token ~= HOLD or ARGV[i + 4] ~= '') and 1 or 2)
  elseif not found.mine then
    overlap(found, 0)
  end
  notes[#notes + 1] = note(kind, text)
end
current_epoch(KEYS[2], KEYS[3])
sweep(KEYS[1], 32)
tell(KEYS[1], ARGV[1], notes)
table.insert(live.told, 1, micros)
return live.told
