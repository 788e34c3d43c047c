-- Makes sure that the partition has an epoch, or moves it.
-- KEYS: holds, epoch, variants; ARGV: 1 to move it, origin
sweep(KEYS[1], 32)
if ARGV[1] == '0' then return current_epoch(KEYS[2], KEYS[3]) end
local epoch = next_epoch(KEYS[2], KEYS[3])
tell(KEYS[1], ARGV[2], {note('e', '')})
return epoch
