-- Moves the emitted watermark of a partition when no commit is due to carry it.
--
-- KEYS[1] partition (hash)     ARGV[1] offset that must be there     ARGV[2] emitted watermark
--
-- Returns 1 moved; 0 refused: another offset is there.
if redis.call('HGET', KEYS[1], 'offset') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'emitted', ARGV[2])
return 1
