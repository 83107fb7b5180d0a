-- Moves the ledger on, if it is where the caller thinks that it is.
--
-- KEYS[1] phase     KEYS[2…] what is forgotten with it
-- ARGV[1] the phase that has to be there ('' none)     ARGV[2] the next one
--
-- Returns 1 done, 0 refused.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
redis.call('SET', KEYS[1], ARGV[2])
return 1
