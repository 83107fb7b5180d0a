-- Takes, renews or gives back the lease of a partition.
--
-- KEYS[1] lease (string: owner)     ARGV[1] owner     ARGV[2] time to live (ms); 0 gives it back
--
-- Returns 1 it is ours (or was, when given back); 0 it is somebody else's, nothing changed.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
  return 1
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
