"""How well what looks at pictures does its work, on a set of pictures with known contents."""
