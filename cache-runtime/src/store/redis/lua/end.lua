-- Ends writes; all of one partition. What is written is dropped, unless its entry is given and may be stored: the write was announced all the time,
-- no other is open, and either none overlapped it, or all that did told their versions and none is newer.
-- KEYS: holds, epoch, variants
-- ARGV: origin, token, prefix of data keys, prefix of control keys, then 'k' or 'g', text, template, known variants, version, variant (or none), epoch, ttl and entry of each
-- answers the time in microseconds; for each 1 if it was announced until now, plus 2 if the entry is stored; then templates and their variants, as far as the caller doesn't know them
local token, data, control = ARGV[2], ARGV[3], ARGV[4]
local epoch = current_epoch(KEYS[2], KEYS[3])
local live, notes, answers = {told = {}}, {}, {micros}
for i = 5, #ARGV, 9 do
  local kind, text, template, version, variant = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4], ARGV[i + 5]
  local member = kind .. text
  local pending = drop(kind, text, template, ARGV[i + 3], data, control, KEYS[3], live)
  local found = writes(KEYS[1], member, token)
  local others = found.open - (found.mine and 1 or 0)
  raise(KEYS[1], member, found, version)
  if found.mine then redis.call('HDEL', found.guard, 'i' .. token) end
  if others > 0 then
    overlap(found, version == '' and 2 or 1)
  elseif found.floor then
    overlap(found, 0)
  else
    redis.call('DEL', found.guard)
    redis.call('ZREM', KEYS[1], member)
  end
  local stored = false
  if variant ~= '' and not pending and found.mine and others == 0 and ARGV[i + 6] == epoch then
    local alone = found.contended == 0
    local newest = version ~= '' and found.floor == version
    if newest and found.contended < 2 or alone and version == '' then
      stored = register(KEYS[3], template, variant)
        and put(data .. text .. '#' .. variant, ARGV[i + 8], tonumber(ARGV[i + 7]))
    end
  end
  answers[#answers + 1] = (found.mine and 1 or 0) + (stored and 2 or 0)
  notes[#notes + 1] = note(kind, text)
end
sweep(KEYS[1], 32)
tell(KEYS[1], ARGV[1], notes)
for i = 1, #live.told do answers[#answers + 1] = live.told[i] end
return answers
