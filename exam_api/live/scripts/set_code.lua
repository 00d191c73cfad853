-- Keep a new code in place of the old one and its tries. Safe to resend.
-- KEYS[1] kw1:{sNN}:a:<attempt>:takeover
-- ARGV[1] hash of the code   ARGV[2] life_ms
-- returns 1
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'code', ARGV[1], 'tries', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
