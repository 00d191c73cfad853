-- Let expiry wait for a running attempt until an instant, or no longer (0). Safe to resend.
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:deadlines
-- ARGV[1] instant, ms; 0 to let go
-- returns 1 when the attempt runs, else 0
local h = redis.call('HMGET', KEYS[1], 'st', 'id', 'end', 'hin')
if h[1] ~= 'running' then
  return 0
end
local ends, hin, till = tonumber(h[3]), tonumber(h[4]), tonumber(ARGV[1])
redis.call('HSET', KEYS[1], 'hold_until', ARGV[1])
if hin > 0 then
  redis.call('ZADD', KEYS[2], math.min(hin, ends), h[2]) -- the candidate has handed in: nothing is waited for
else
  redis.call('ZADD', KEYS[2], math.max(ends, till), h[2])
end
return 1
