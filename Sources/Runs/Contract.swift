enum RunsModule {}
