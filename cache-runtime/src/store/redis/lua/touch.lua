-- Makes sure that the partition has an epoch, or moves it.
-- KEYS: holds, epoch, variants; ARGV: 1 to move it
sweep(KEYS[1], 32)
if ARGV[1] == '1' then return next_epoch(KEYS[2], KEYS[3]) end
return current_epoch(KEYS[2], KEYS[3])
