enum SimulatorModule {}
