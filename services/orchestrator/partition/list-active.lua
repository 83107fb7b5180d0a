-- Lists some of the active tasks of a partition, each with when it was created. What has a timer from the first call to the last is
-- there once at least.
--
-- KEYS[1] timers (zset: task id by due time)   KEYS[2] index (zset: task id by creation time)
-- ARGV[1] cursor, 0 to begin   ARGV[2] how many, about
--
-- Returns the cursor to go on with (0: all have been listed), the ids, and for each when it was created (ms; '' unknown).
local found = redis.call('ZSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
local ids, created = {}, {}
for i = 1, #found[2], 2 do
  local id = found[2][i]
  ids[#ids + 1] = id
  created[#created + 1] = redis.call('ZSCORE', KEYS[2], id) or ''
end
return { found[1], ids, created }
