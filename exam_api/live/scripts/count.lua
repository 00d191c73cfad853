-- Count one in the running window.
-- KEYS[1] kw1:{lNN}:rate:<kind>:<key>
-- ARGV[1] window_ms
-- returns the count, this one included
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return count
