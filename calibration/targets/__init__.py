"""What is known of the things a station is calibrated on."""
