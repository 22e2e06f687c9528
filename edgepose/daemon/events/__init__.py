"""What happened: signals become events, and events are on disk before anybody hears of them."""
