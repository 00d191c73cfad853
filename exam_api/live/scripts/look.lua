-- Show an attempt as it is. needs view
-- KEYS[1] kw1:{sNN}:a:<attempt>
-- KEYS[2] kw1:{sNN}:a:<attempt>:answers
-- returns what view tells
return view(KEYS[1], KEYS[2])
