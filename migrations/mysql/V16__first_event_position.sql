INSERT INTO event_positions (id, last) VALUES (1, 0);
