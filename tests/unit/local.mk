# Unit tests: one program per file under test, against cmocka.
