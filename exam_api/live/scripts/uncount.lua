-- Take back one that was counted in the running window; of a window that has ended nothing is left to take.
-- KEYS[1] kw1:{lNN}:rate:<kind>:<key>
-- returns the count without it
if tonumber(redis.call('GET', KEYS[1]) or 0) < 1 then
  return 0
end
return redis.call('DECR', KEYS[1])
