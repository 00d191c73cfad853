-- Count one under each of two limits; with none passed keep the new code in place of the old one and its tries.
-- KEYS[1] kw1:{lNN}:code:<blind>
-- KEYS[2] kw1:{lNN}:rate:<kind>:<key>
-- KEYS[3] kw1:{lNN}:rate:<kind>:<key>
-- ARGV[1] hash of the code   ARGV[2] life_ms
-- ARGV[3] the most of the first limit   ARGV[4] its window_ms   ARGV[5], ARGV[6] as much of the second
-- returns 0 when it was kept, else the number of the limit that is passed; one behind it is not counted
local function passes(key, most, window)
  local count = redis.call('INCR', key)
  if count == 1 or redis.call('PTTL', key) < 0 then
    redis.call('PEXPIRE', key, window)
  end
  return count > tonumber(most)
end
if passes(KEYS[2], ARGV[3], ARGV[4]) then
  return 1
elseif passes(KEYS[3], ARGV[5], ARGV[6]) then
  return 2
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'tries', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 0
