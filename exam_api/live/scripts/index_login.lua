-- Note a log-in under whose it is.
-- KEYS[1] kw1:{lNN}:logins:<subject>
-- ARGV[1] token hash
-- ARGV[2] id of the log-in
-- ARGV[3] its life in ms
-- returns how many are noted, this one included
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return redis.call('HLEN', KEYS[1])
