-- Joined with every script that needs it: whether a picture of an attempt may be kept now.

-- Given run id, fence, now_ms, least ms between two and digest, in this order. Returns what is to be told where
-- it may not; else nothing, then fence, closed, session and id of the attempt.
local function verdict(attempt, shard, given)
  if redis.call('HGET', shard, 'run') ~= given[1] then
    return redis.error_reply('UNREADY under this run id')
  end
  local h = redis.call('HMGET', attempt, 'st', 'fence', 'closed', 'sid', 'shot', 'shot_of', 'shot_kept', 'photos', 'id')
  local st = h[1]
  if not st or st == 'ready' then
    return { 'not-started', 0, 0, 0, '' }
  end
  local fence, closed = tonumber(h[2]), tonumber(h[3])
  if h[8] == '0' then
    return { 'no-consent', 0, fence, closed, h[4] }
  elseif tonumber(given[2]) < fence then
    return { 'not-writing', 0, fence, closed, h[4] }
  elseif h[7] == given[5] then
    return { 'held', 0, fence, closed, h[4] }
  elseif st == 'closed' or st == 'void' then
    return { 'closed', 0, fence, closed, h[4] }
  end
  local wait = tonumber(h[5] or 0) + tonumber(given[4]) - tonumber(given[3])
  if wait > 0 and h[6] ~= given[5] then -- the same one again: its bytes could not be kept, or its reply was lost
    return { 'wait', wait, fence, closed, h[4] }
  end
  return nil, fence, closed, h[4], h[9]
end

