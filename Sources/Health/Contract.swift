enum HealthModule {}
