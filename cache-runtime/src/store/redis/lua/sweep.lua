-- Removes holds that are over from a partition nobody writes to.
-- KEYS: holds
return sweep(KEYS[1], 1000)
