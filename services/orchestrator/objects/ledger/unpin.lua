-- A task that did not come in keeps nothing, unless somebody else has begun to keep for it meanwhile.
--
-- KEYS[1…] for each target: who keeps it (zset: task by the time at which it began to)
-- ARGV[1] task     ARGV[2] the time with which it began to (ms)
--
-- Returns nothing.
for _, keepers in ipairs(KEYS) do
  local at = redis.call('ZSCORE', keepers, ARGV[1])
  if at and tonumber(at) == tonumber(ARGV[2]) then redis.call('ZREM', keepers, ARGV[1]) end
end
return 0
